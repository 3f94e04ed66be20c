const { Worker, isMainThread, parentPort } = require('worker_threads');
const { execFileSync, spawn } = require('child_process');
const http = require('http'), fs = require('fs'), crypto = require('crypto'), zlib = require('zlib');
if (!isMainThread) {
    let a = 0; for (let i = 0; i < 3e6; i++) a = (a * 31 + i) | 0;
    parentPort.postMessage(a); return;
}
(async () => {
    console.log(await new Promise(r => new Worker(__filename).on('message', r)));
    console.log(execFileSync('echo', ['from', 'a child']).toString());
    console.log(await new Promise(r => spawn('sh', ['-c', 'exit 6']).on('exit', r)));
    const server = http.createServer((_, response) => response.end('served')).listen(0, '127.0.0.1');
    await new Promise(r => server.on('listening', r));
    console.log(await (await fetch(`http://127.0.0.1:${server.address().port}/`)).text());
    server.closeAllConnections(); server.close();
    console.log(crypto.createHash('sha256').update('x'.repeat(1e6)).digest('hex'));
    console.log(zlib.gunzipSync(zlib.gzipSync('compressed')).toString());
    await fs.promises.writeFile('written', 'by node\n');
    process.on('SIGUSR2', () => { console.log('signal'); process.exit(3); });
    setTimeout(() => {}, 10000);
    process.kill(process.pid, 'SIGUSR2');
})();
