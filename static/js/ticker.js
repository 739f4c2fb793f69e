// A worker: timers of a hidden page are slowed to one a minute, too slow to keep a socket alive.
setInterval(() => postMessage(0), 5000);
