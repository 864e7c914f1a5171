'use strict';

// What a peer sends reaches the page by textContent alone: nothing of it is ever read as markup.

const longest = 300;
const shortest = 60;
const interval = 1000;
const patience = 10000;
const barSeconds = 5;
const maxRows = 100;

// The page's own question is a request too. By this it is known again, and left out.
const mark = 'page=' + Array.from(crypto.getRandomValues(new Uint8Array(8)), byte => byte.toString(16).padStart(2, '0')).join('');

const byId = id => document.getElementById(id);
const sum = (items, value) => items.reduce((total, item) => total + (value(item) || 0), 0);

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const shape = (tag, className, parent) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  made.setAttribute('class', className);
  parent.append(made);
  return made;
};

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const number = value => (value >= 100 ? plain : value >= 10 ? oneDigit : twoDigits).format(value);
const compact = value => value >= 10000 ? short.format(value) : number(value);
const time = milliseconds => milliseconds >= 1000 ? [number(milliseconds / 1000), 's'] : [number(milliseconds), 'ms'];

const bytes = value => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return number(value) + ' ' + units[unit];
};

const span = seconds => {
  const [d, h, m, s] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : !m ? `${s} s` : s ? `${m} min ${s} s` : `${m} min`;
};

/** A round number with some room above a value, and a round half. */
const ceiling = value => {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10, 20].find(step => step * power >= value * 1.05) * power;
};

/** One figure over time: its value now, and a line, or bars of what happened. */
class Figure {
  constructor({ title, hue, unit, least, bars, format, remark }) {
    Object.assign(this, { title, unit, least, bars, format: format ?? (value => [compact(value), unit]), remark });
    this.points = [];
    const card = element('article', 'card figure ' + hue);
    const reading = element('div', 'reading');
    this.value = element('div', 'value', '–');
    this.aside = element('div', 'aside');
    reading.append(this.value, this.aside);
    this.chart = element('div', 'chart');
    this.chart.setAttribute('role', 'img');
    this.chart.setAttribute('aria-label', title);
    this.svg = shape('svg', '', this.chart);
    this.svg.setAttribute('viewBox', '0 0 300 100');
    this.svg.setAttribute('preserveAspectRatio', 'none');
    for (const y of [0, 50, 100]) this.#ruler('gridline', 0, y, 300, y);
    this.fill = shape('path', bars ? 'bars' : 'fill', this.svg);
    this.line = shape('path', 'line', this.svg);
    this.cursor = this.#ruler('cursor', 0, 0, 0, 100);
    this.cursor.setAttribute('visibility', 'hidden');
    this.marks = ['top-mark', 'middle', 'bottom'].map(place => element('span', 'scale ' + place));
    this.chart.append(...this.marks);
    const axis = element('div', 'axis');
    axis.setAttribute('aria-hidden', 'true');
    this.begin = element('span');
    axis.append(this.begin, element('span', '', 'now'));
    card.append(element('h3', '', title), reading, this.chart, axis);
    byId('figures').append(card);
    this.chart.addEventListener('pointermove', event => this.#point(event));
    this.chart.addEventListener('pointerleave', () => { this.pointed = null; this.draw(); });
  }

  label(value) {
    const [text, unit] = this.format(value);
    return unit === 's' || unit === 'ms' ? `${text} ${unit}` : text;
  }

  /** A value at a time; null where there is none to tell. */
  add(now, value) {
    this.points.push({ at: now, value });
    while (this.points[0].at < now - longest - barSeconds) this.points.shift();
    this.now = now;

    // The more there is to show, the further back: a page that has just been opened is not mostly empty.
    this.span = Math.min(longest, Math.max(shortest, Math.ceil((now - this.points[0].at) / 10) * 10));
  }

  draw() {
    const points = this.bars ? this.#sums() : this.points.filter(point => point.at >= this.now - this.span);
    const values = points.map(point => point.value).filter(value => value !== null);
    const highest = values.length ? Math.max(...values) : 0;
    this.top = ceiling(Math.max(highest, this.least));
    this.begin.textContent = `${span(this.span)} ago`;
    [this.top, this.top / 2, 0].forEach((value, i) => { this.marks[i].textContent = this.label(value); });
    if (this.bars) {
      const width = 300 * barSeconds / this.span;
      this.fill.setAttribute('d', points.filter(point => point.value).map(({ at, value }) =>
        `M${this.#x(at)} 100V${this.#y(value)}h${(width * 0.8).toFixed(2)}V100z`).join(''));
    } else {
      const runs = this.#runs(points);
      this.line.setAttribute('d', runs.map(run => 'M' + run.map(({ at, value }) => `${this.#x(at)} ${this.#y(value)}`).join('L')).join(''));
      this.fill.setAttribute('d', runs.map(run =>
        `M${this.#x(run[0].at)} 100L` + run.map(({ at, value }) => `${this.#x(at)} ${this.#y(value)}`).join('L') + `L${this.#x(run.at(-1).at)} 100z`).join(''));
    }

    this.#read(points, highest);
  }

  #ruler(className, x1, y1, x2, y2) {
    const line = shape('line', className, this.svg);
    for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(name, value);
    return line;
  }

  #x(at) { return (300 * (1 - (this.now - at) / this.span)).toFixed(2); }

  #y(value) { return (100 * (1 - value / this.top)).toFixed(2); }

  /** What happened in each few seconds. The last bar is still growing. */
  #sums() {
    const sums = new Map();
    for (const { at, value } of this.points) {
      const start = Math.floor(at / barSeconds) * barSeconds;
      sums.set(start, (sums.get(start) ?? 0) + (value ?? 0));
    }

    return [...sums].map(([at, value]) => ({ at, value })).filter(point => point.at >= this.now - this.span);
  }

  /** Lines end where nothing was heard for a while, or there was nothing to tell. */
  #runs(points) {
    const runs = [];
    let last = null;
    for (const point of points) {
      if (point.value !== null) {
        if (last === null || last.value === null || point.at - last.at > 5) runs.push([]);
        runs.at(-1).push(point);
      }

      last = point;
    }

    return runs;
  }

  #read(points, highest) {
    const current = this.bars ? sum(points, point => point.value) : points.at(-1)?.value ?? null;
    const told = this.pointed ? this.#nearest(points) : null;
    const value = told ? told.value : current;
    this.cursor.setAttribute('visibility', told ? 'visible' : 'hidden');
    if (told) {
      const x = this.#x(told.at);
      this.cursor.setAttribute('x1', x);
      this.cursor.setAttribute('x2', x);
    }

    const [text, unit] = value === null ? ['–', ''] : this.format(value);
    this.value.replaceChildren(text, element('span', 'unit', unit ?? ''));
    const highestText = this.format(highest).filter(Boolean).join(' ');
    const isEmpty = points.every(point => point.value === null);
    this.aside.textContent = told
      ? new Date(told.at * 1000).toLocaleTimeString()
      : this.remark?.() ?? (this.bars ? `in ${span(this.span)}` : isEmpty ? '' : `highest ${highestText}`);
    this.chart.setAttribute('aria-label', `${this.title}: ${text} ${unit ?? ''} ${this.bars ? '' : isEmpty ? 'now, none ' : `now, highest ${highestText} `}in the last ${span(this.span)}`);
  }

  #nearest(points) {
    const at = this.now - this.span * (1 - this.pointed.share);
    return points.reduce((best, point) => best === null || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best, null);
  }

  #point(event) {
    const box = this.chart.getBoundingClientRect();
    this.pointed = { share: Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) };
    if (this.now) this.draw();
  }
}

const figures = {
  rate: new Figure({ title: 'Requests per second', hue: 'blue', unit: '/s', least: 5 }),
  running: new Figure({ title: 'In flight', hue: 'teal', least: 4 }),
  latency: new Figure({ title: 'Mean response time', hue: 'violet', least: 1, format: time }),
  queue: new Figure({ title: 'Waiting to be accepted', hue: 'slate', least: 4, remark: () => backlog ? `room for ${compact(backlog)}` : undefined }),
  harakiri: new Figure({ title: 'Harakiri: requests killed', hue: 'amber', least: 2, bars: true }),
  errors: new Figure({ title: 'Errors', hue: 'red', least: 2, bars: true }),
};

let backlog = 0;
let before = null;
let isPaused = false;
let timer = 0;
const rows = new Map();

const show = (className, text) => {
  byId('state').className = 'state ' + className;
  if (byId('state-text').textContent !== text) byId('state-text').textContent = text;
};

/** What the server's figures come to, all workers together. */
const totals = stats => {
  const workers = stats.workers ?? [];
  const cores = workers.flatMap(worker => (worker.cores ?? []).map(core => ({ worker, core })));
  return {
    at: performance.now() / 1000,
    requests: sum(workers, worker => worker.requests),
    time: sum(workers, worker => worker.running_time),
    sent: sum(workers, worker => worker.tx),
    memory: sum(workers, worker => worker.rss),
    harakiri: sum(workers, worker => worker.harakiri_count),
    errors: sum(workers, worker => worker.exceptions) + sum(cores, ({ core }) => core.read_errors) + sum(cores, ({ core }) => core.write_errors),
    started: Math.min(...workers.map(worker => worker.last_spawn || Infinity)),
    queue: stats.listen_queue ?? 0,
    backlog: sum(stats.sockets ?? [], socket => socket.max_queue),
    running: cores.filter(({ core }) => core.in_request).map(read).filter(request => !request.uri.endsWith(mark)),
  };
};

const read = ({ worker, core }) => {
  const variables = new Map((core.vars ?? []).filter(text => text).map(text => {
    const end = text.indexOf('=');
    return [text.slice(0, end), text.slice(end + 1)];
  }));
  return {
    core: `${worker.id}/${core.id}`,
    start: core.req_info?.request_start ?? 0,
    method: variables.get('REQUEST_METHOD') ?? '',
    uri: variables.get('REQUEST_URI') ?? '',
    host: variables.get('HTTP_HOST') ?? '',
    client: variables.get('REMOTE_ADDR') ?? '',
  };
};

const plot = (stats, clock) => {
  const now = totals(stats);
  const at = Date.now() / 1000;
  const isNew = before === null || now.requests < before.requests;
  const passed = isNew ? 0 : now.at - before.at;

  // Less the page's own question before this one; the millisecond that it took is among theirs.
  const ended = isNew ? 0 : Math.max(0, now.requests - before.requests - 1);
  backlog = now.backlog;
  figures.rate.add(at, isNew ? null : ended / passed);
  figures.running.add(at, now.running.length);
  figures.latency.add(at, ended > 0 ? (now.time - before.time) / ended / 1000 : null);
  figures.queue.add(at, now.queue);
  figures.harakiri.add(at, isNew ? 0 : now.harakiri - before.harakiri);
  figures.errors.add(at, isNew ? 0 : now.errors - before.errors);
  Object.values(figures).forEach(figure => figure.draw());
  before = now;

  byId('pid').textContent = String(stats.pid ?? '–');
  byId('uptime').textContent = Number.isFinite(now.started) ? span(Math.max(0, clock - now.started)) : '–';
  byId('served').textContent = compact(now.requests);
  byId('sent').textContent = bytes(now.sent);
  byId('memory').textContent = now.memory ? bytes(now.memory) : '–';
  list(now.running, clock);
  sockets(stats.sockets ?? []);
};

/** The requests, the oldest first. A row stays that request's own, so that what is being read does not jump away. */
const list = (running, clock) => {
  running.sort((a, b) => a.start - b.start);
  const seen = new Set();
  running.slice(0, maxRows).forEach((request, i) => {
    const key = JSON.stringify(Object.values(request));
    seen.add(key);
    let row = rows.get(key);
    if (!row) rows.set(key, row = newRow(request));
    const age = Math.max(0, clock - request.start);
    row.cells[0].textContent = span(age);
    row.cells[0].className = 'age' + (age >= 30 ? ' stuck' : age >= 5 ? ' slow' : '');
    const place = byId('rows').children[i];
    if (place !== row) byId('rows').insertBefore(row, place ?? null);
  });

  for (const [key, row] of rows) {
    if (!seen.has(key)) {
      row.remove();
      rows.delete(key);
    }
  }

  byId('running').hidden = running.length === 0;
  byId('nothing').hidden = running.length !== 0;
  byId('running-note').textContent = running.length > maxRows ? `the oldest ${maxRows} of ${plain.format(running.length)}` : running.length ? 'oldest first' : '';
};

const newRow = request => {
  const row = element('tr');
  const uri = element('td', 'uri');
  uri.append(element('span', '', request.uri));
  uri.title = request.uri;
  row.append(
    element('td', 'age'), element('td', 'method', request.method), uri,
    element('td', 'host', request.host), element('td', 'client', request.client), element('td', 'core number', request.core));
  return row;
};

const sockets = all => {
  byId('sockets').replaceChildren(...all.map(socket => {
    const item = element('li');
    const where = element('span', 'where', socket.name + ' ');
    where.append(element('span', 'spoken', socket.proto));
    item.append(where, element('span', 'waiting', socket.max_queue ? `${plain.format(socket.queue)} of ${plain.format(socket.max_queue)} waiting` : `${plain.format(socket.queue)} waiting`));
    if (socket.max_queue) {
      const share = Math.min(1, socket.queue / socket.max_queue);
      const bar = element('div', 'bar' + (share >= 0.8 ? ' full' : share >= 0.5 ? ' filling' : ''));
      bar.append(element('div', 'part'));
      bar.firstChild.style.width = `${100 * share}%`;
      item.append(bar);
    }

    return item;
  }));
};

const ask = async () => {
  try {
    const response = await fetch('stats.json?' + mark, { cache: 'no-store', signal: AbortSignal.timeout(patience) });
    if (response.status === 401 || response.status === 403 || response.redirected) {
      show('lost', 'Not signed in');
    } else if (!response.ok) {
      show('lost', `Server says ${response.status}`);
    } else {
      // The server's clock, for what it has begun; it tells whole seconds.
      const clock = Date.parse(response.headers.get('Date') ?? '') / 1000 || Date.now() / 1000;
      const stats = await response.json();
      if (!isPaused) {
        plot(stats, clock);
        show('live', 'Live');
      }
    }
  } catch {
    show('lost', 'No connection');
  }

  next();
};

/** The next question a while after this answer: a slow server is not asked twice at a time, a hidden page asks nothing. */
const next = () => {
  clearTimeout(timer);
  if (!isPaused && !document.hidden) timer = setTimeout(ask, interval);
};

byId('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  byId('pause').textContent = isPaused ? 'Resume' : 'Pause';
  byId('pause').setAttribute('aria-pressed', String(isPaused));
  if (isPaused) {
    clearTimeout(timer);
    show('', 'Paused');
  } else {
    before = null;
    ask();
  }
});

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !isPaused) {
    before = null;
    next();
  }
});

ask();
