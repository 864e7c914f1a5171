# The app of Serving/App.cs for uWSGI's Python.
HELLO = b"Hello, World!"
BODIES = {"/": HELLO, "/10k": HELLO.ljust(10 * 1024, b"."), "/1m": HELLO.ljust(1024 * 1024, b".")}


def count(body):
    total = 0
    while piece := body.read(65536):
        total += len(piece)
    return str(total).encode()


def application(environ, start_response):
    path = environ["PATH_INFO"]
    body = count(environ["wsgi.input"]) if path == "/upload" else BODIES[path]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
