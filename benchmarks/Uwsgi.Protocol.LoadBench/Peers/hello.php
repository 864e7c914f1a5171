<?php
// The app of Serving/App.cs for php-fpm.
header("Content-Type: text/plain");
switch ($_SERVER["REQUEST_URI"]) {
    case "/":
        $body = "Hello, World!";
        break;
    case "/10k":
        $body = str_pad("Hello, World!", 10 * 1024, ".");
        break;
    case "/1m":
        $body = str_pad("Hello, World!", 1024 * 1024, ".");
        break;
    default:
        $total = 0;
        for ($input = fopen("php://input", "rb"); !feof($input);) {
            $total += strlen(fread($input, 65536));
        }
        $body = (string)$total;
}
header("Content-Length: " . strlen($body));
echo $body;
