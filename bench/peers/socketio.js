// The broadcast loop of Socket.IO's own documentation: whatever comes in goes to everyone, and nothing is stored.
"use strict";
const { createServer } = require("http");
const { Server } = require("socket.io");

const server = createServer();
const io = new Server(server, {
  transports: ["websocket"],
  perMessageDeflate: false,
  // No ping within a measurement: the load client answers none.
  pingInterval: 3600000,
  pingTimeout: 3600000,
});

io.on("connection", (socket) => {
  socket.on("message", (text) => io.emit("message", text));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
