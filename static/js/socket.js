// The only module that opens a socket. Same interface as poll.js: onopen, onevents, onclose; send, close.

export class SocketTransport {
  constructor(path = "/ws/chat/") {
    this.path = path;
    this.opened = false;
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.path}`);
    this.socket.onopen = () => {
      this.opened = true;
      this.onopen();
    };
    this.socket.onmessage = ({ data }) => this.onevents(JSON.parse(data));
    this.socket.onclose = ({ code }) => this.finish(code);
    this.patience = setTimeout(() => !this.opened && this.close(), 10_000);
  }

  send(command) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(command));
  }

  /** End it here and now: a dead network may take minutes to say so, and the close event waits for it. */
  close() {
    this.socket.close();
    this.finish(1006);
  }

  finish(code) {
    if (this.finished) return;
    this.finished = true;
    clearTimeout(this.patience);
    this.socket.onmessage = null;
    this.onclose({ code, opened: this.opened });
  }
}
