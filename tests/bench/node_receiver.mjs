// What a team would write instead: a receiver of webhooks on Node's standard library, which
// parses the form, looks at its token, appends the message to a Redis stream, and answers
// 200 once Redis has. One process; all that arrives in one turn of its loop goes to Redis in
// one write.
//
//   node node_receiver.mjs REDIS_PORT TOKEN
//
// Says where it listens, and ends with Redis.
import http from 'node:http';
import net from 'node:net';

const [redisPort, token] = process.argv.slice(2);
const restMs = 3_600_000;  // Connections rest while others are measured.

// Replies come in the order of the commands.
class Redis {
  #socket;
  #unsent = [];
  #waiting = [];
  #begin = 0;  // Of #waiting; those before have their reply.
  #received = '';

  constructor(port, onReady) {
    this.#socket = net.connect({port, host: '127.0.0.1', noDelay: true}, onReady);
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text) => this.#take(text));
    this.#socket.on('close', () => process.exit(1));
  }

  append(message, onReply) {
    const size = Buffer.byteLength(message);
    if (this.#unsent.length === 0) setImmediate(() => this.#send());
    this.#unsent.push(
        `*5\r\n$4\r\nXADD\r\n$2\r\nev\r\n$1\r\n*\r\n$1\r\ne\r\n$${size}\r\n${message}\r\n`);
    this.#waiting.push(onReply);
  }

  #send() {
    this.#socket.write(this.#unsent.join(''));
    this.#unsent = [];
  }

  // An id, `$15\r\n1526919030474-55\r\n`, or an error, `-ERR ...\r\n`.
  #take(text) {
    this.#received += text;
    let at = 0;
    for (;;) {
      const line = this.#received.indexOf('\r\n', at);
      if (line < 0) break;
      let end = line;
      if (this.#received[at] === '$') {
        end = this.#received.indexOf('\r\n', line + 2);
        if (end < 0) break;
      }
      this.#waiting[this.#begin++](this.#received[at] === '$');
      at = end + 2;
    }
    this.#received = this.#received.slice(at);
    if (this.#begin === this.#waiting.length) {
      this.#waiting = [];
      this.#begin = 0;
    }
  }
}

const redis = new Redis(Number(redisPort), () => {
  server.listen({port: 0, host: '127.0.0.1', backlog: 1024}, () => {
    console.log(`node_receiver ready http=127.0.0.1:${server.address().port}`);
  });
});

function answer(response, status, text) {
  response.writeHead(status, {'Content-Type': 'text/plain', 'Content-Length': text.length});
  response.end(text);
}

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const form = new URLSearchParams(Buffer.concat(pieces).toString());
    if (form.get('token') !== token) return answer(response, 401, 'unknown token\n');
    redis.append(form.get('conversation'), (ok) => {
      if (ok) return answer(response, 200, 'ok\n');
      answer(response, 503, 'not stored\n');
    });
  });
});
server.keepAliveTimeout = restMs;
server.requestTimeout = 0;
