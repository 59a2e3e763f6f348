/** GET within bounds, against servers, proxies and SOCKS servers on the loopback interface. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { HttpClient, type HttpOptions } from '../../../adapters/http/http-client.js';

const BODY = Buffer.from('a list');

describe('the HTTP client', () => {
  const open: { close(): void }[] = [];
  after(() => {
    for (const one of open) one.close();
  });

  async function listening(server: Server): Promise<string> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    });
    open.push({
      close: () => {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return `127.0.0.1:${String(port)}`;
  }

  const serve = async (answer: RequestListener): Promise<string> =>
    `http://${await listening(createServer(answer))}`;

  async function get(url: string, options: Partial<HttpOptions> = {}): Promise<string> {
    const client = new HttpClient({
      proxy: undefined,
      socks: undefined,
      mostBytes: 1000,
      timeoutMs: 5000,
      ...options,
    });
    const result = await client.get(url);
    return result.ok ? Buffer.from(result.value).toString() : `failed: ${result.error}`;
  }

  it('brings the body of an answer', async () => {
    const url = await serve((_, response) => response.end(BODY));
    assert.equal(await get(`${url}/root.crl`), 'a list');
  });

  it('says what went wrong', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '50' });
        response.write(BODY, () => response.destroy());
      } else response.writeHead(404).end();
    });
    assert.match(await get(`${url}/none`), /^failed: status 404 from 127/);
    assert.match(await get(`${url}/cut`), /^failed: /);
    assert.match(await get('http://127.0.0.1:1/'), /^failed: .*ECONNREFUSED/);
    assert.match(await get('file:///etc/passwd'), /^failed: only http: is fetched/);
    assert.match(await get('https://ca.example.net/'), /^failed: only http: is fetched/);
    assert.match(await get('no URL'), /^failed: it is no URL/);
    assert.match(await get('http://user:pw@ca.example.net/'), /^failed: it has a user name/);
  });

  it('ends an answer that is too long, announced or not', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/announced') response.end(Buffer.alloc(1001));
      else {
        const more = (): void => {
          if (!response.destroyed) response.write(Buffer.alloc(500), more);
        };
        more();
      }
    });
    assert.match(await get(`${url}/announced`), /^failed: it is longer than 1000 bytes/);
    assert.match(await get(`${url}/endless`), /^failed: it is longer than 1000 bytes/);
    assert.equal((await get(`${url}/announced`, { mostBytes: 1001 })).length, 1001);
  });

  it('waits no longer than it may', async () => {
    const url = await serve(() => undefined);
    assert.match(await get(url, { timeoutMs: 100 }), /^failed: no answer within 0\.1 s/);
    const dripping = await serve((_, response) => {
      response.writeHead(200);
      response.write('x');
    });
    assert.match(await get(dripping, { timeoutMs: 200 }), /^failed: no answer within 0\.2 s/);
  });

  it('follows three redirects on a server, and no more', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end(BODY);
      else response.writeHead(302, { location: `/${String(left - 1)}` }).end();
    });
    assert.equal(await get(`${url}/3`), 'a list');
    assert.match(await get(`${url}/4`), /^failed: more than 3 redirects/);
  });

  it('is not led into a network inside, nor to another scheme', async () => {
    let asked = 0;
    const inside = new URL(
      await serve((_, response) => {
        asked++;
        response.end('secret');
      }),
    );
    for (const to of [
      `http://localhost:${inside.port}/`,
      `http://[::ffff:127.0.0.2]:${inside.port}/`,
      'http://10.0.0.1/',
    ]) {
      const url = await serve((_, response) => response.writeHead(301, { location: to }).end());
      assert.match(await get(url), /^failed: it redirects to .*, which is not public/, to);
    }
    const url = await serve((_, response) =>
      response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
    );
    assert.match(await get(url), /^failed: only http:/);
    assert.equal(asked, 0);
  });

  it('asks a proxy for the whole URL', async () => {
    const seen: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      seen.push(request.url, request.headers.host);
      response.end(BODY);
    });
    assert.equal(await get('http://ca.example.net/root.crl?x=1', { proxy }), 'a list');
    assert.deepEqual(seen, ['http://ca.example.net/root.crl?x=1', 'ca.example.net']);
    assert.match(
      await get('http://ca.example.net/', { proxy: 'ftp://relay' }),
      /^failed: "ftp:\/\/relay" is no URL/,
    );
  });

  /** A SOCKS server that takes whatever it is asked for to `target`; notes what that was. */
  async function socksServer(version: 4 | 5, target: URL, seen: string[]): Promise<string> {
    const server = createTcpServer((socket) => {
      const relay = (reply: Buffer): void => {
        const onward = connect(Number(target.port), target.hostname, () => {
          socket.write(reply);
          socket.pipe(onward);
          onward.pipe(socket);
        });
        onward.on('error', () => socket.destroy());
        socket.on('close', () => onward.destroy());
      };
      socket.once('data', (first: Buffer) => {
        if (version === 4) {
          // RFC-less SOCKS 4a: version, command, port, address, user, NUL, name, NUL.
          seen.push(`${first.subarray(9, -1).toString()}:${String(first.readUInt16BE(2))}`);
          relay(Buffer.of(0, 90, 0, 0, 0, 0, 0, 0));
          return;
        }
        socket.write(Buffer.of(5, 0));
        socket.once('data', (request: Buffer) => {
          const length = request[4] ?? 0;
          seen.push(
            `${request.subarray(5, 5 + length).toString()}:${String(request.readUInt16BE(5 + length))}`,
          );
          relay(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
        });
      });
    });
    return listening(server);
  }

  it('goes through a SOCKS server, which resolves the name', async () => {
    const target = new URL(await serve((_, response) => response.end(BODY)));
    const seen: string[] = [];
    const five = await socksServer(5, target, seen);
    assert.equal(await get('http://ca.example.net/', { socks: `socks://${five}` }), 'a list');
    const four = await socksServer(4, target, seen);
    assert.equal(await get('http://ca.example.net:8080/', { socks: `socks4://${four}` }), 'a list');
    assert.deepEqual(seen, ['ca.example.net:80', 'ca.example.net:8080']);
    assert.match(
      await get('http://ca.example.net/', { socks: 'http://relay' }),
      /^failed: "http:\/\/relay" is no URL/,
    );
  });

  it('reaches a proxy by way of a SOCKS server', async () => {
    const paths: (string | undefined)[] = [];
    const proxy = new URL(
      await serve((request, response) => {
        paths.push(request.url);
        response.end(BODY);
      }),
    );
    const seen: string[] = [];
    const socks = `socks5://${await socksServer(5, proxy, seen)}`;
    assert.equal(
      await get('http://ca.example.net/a', { socks, proxy: 'http://relay.example.net:3128' }),
      'a list',
    );
    assert.deepEqual([seen, paths], [['relay.example.net:3128'], ['http://ca.example.net/a']]);
  });
});
