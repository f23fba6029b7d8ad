// The other side of a shared credential file: behaves as qwen-code is documented to do (shared/design/protocol.md, 1.5 to 1.8).
// It speaks by lines as the worker does: says "ready", waits for a line, works, says what came of it. Loopback only.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const [command, ...rest] = process.argv.slice(2);
const value = (name, otherwise) => (rest.includes(`--${name}`) ? rest[rest.indexOf(`--${name}`) + 1] : otherwise);
const file = value('file');
const lock = file.replace(/\.json$/, '.lock');
const endpoint = value('token-endpoint', 'http://127.0.0.1/');
// 35 000 since 0.24.4; 10 000 before.
const staleAfter = Number(value('stale-ms', '35000'));
const buffer = Number(value('buffer-ms', '30000'));

if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(endpoint).hostname)) {
    throw new Error('This script talks to loopback only.');
}

// Nothing of a test stays behind.
setTimeout(() => process.exit(3), 180_000).unref();

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const say = (line) => process.stdout.write(`${line}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = () => lines.next();

async function read() {
    const login = JSON.parse(await readFile(file, 'utf8'));
    for (const field of ['access_token', 'refresh_token', 'token_type']) {
        if (typeof login[field] !== 'string' || login[field] === '') {
            throw new Error(`invalid credentials: ${field}`);
        }
    }
    if (typeof login.expiry_date !== 'number') {
        throw new Error('invalid credentials: expiry_date');
    }
    return login;
}

let spread = 0;
const isValid = (login) => Date.now() < login.expiry_date - buffer - spread;

async function acquire() {
    let pause = 100;
    for (let attempt = 0; attempt < 20; attempt++) {
        try {
            const handle = await open(lock, 'wx');
            await handle.writeFile(randomUUID());
            await handle.close();
            return;
        } catch (error) {
            if (error.code !== 'EEXIST') {
                throw error;
            }
        }
        if (await breakStale()) {
            continue;
        }
        await sleep(pause);
        pause = Math.min(pause * 1.5, 2000);
    }
    throw new Error('LOCK_TIMEOUT');
}

async function breakStale() {
    try {
        if (Date.now() - (await stat(lock)).mtimeMs <= staleAfter) {
            return false;
        }
        const aside = `${lock}.stale.${randomUUID()}`;
        await rename(lock, aside);
        await unlink(aside);
        return true;
    } catch (error) {
        if (error.code === 'ENOENT') {
            return true;
        }
        throw error;
    }
}

async function write(login) {
    const temp = `${file}.tmp.${process.pid}.${randomUUID()}`;
    const handle = await open(temp, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    await handle.writeFile(JSON.stringify(login, null, 2));
    await handle.chmod(0o600);
    await handle.sync();
    await handle.close();
    await rename(temp, file);
}

async function exchange(login) {
    const response = await fetch(endpoint, {
        method: 'POST',
        headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
            grant_type: 'refresh_token',
            refresh_token: login.refresh_token,
            client_id: 'f0304373b74a44d2b584a3fb70ca9e56',
        }).toString(),
        signal: AbortSignal.timeout(30_000),
    });
    const answer = await response.json();
    if (!response.ok || answer.error) {
        throw new Error(`REFRESH_FAILED: ${response.status} ${answer.error}`);
    }
    return {
        access_token: answer.access_token,
        token_type: answer.token_type,
        refresh_token: answer.refresh_token ?? login.refresh_token,
        resource_url: answer.resource_url,
        expiry_date: Date.now() + answer.expires_in * 1000,
    };
}

// What is valid is used; what is not is renewed under the lock, unless someone else has done it meanwhile.
async function credential() {
    const known = await read();
    if (isValid(known)) {
        return known;
    }
    let acquired = false;
    try {
        await acquire();
        acquired = true;
        const current = await read();
        if (isValid(current)) {
            return current;
        }
        const renewed = await exchange(current);
        await write(renewed);
        return renewed;
    } finally {
        if (acquired) {
            // The owner's id is never compared.
            await unlink(lock).catch(() => {});
        }
    }
}

async function hammer() {
    const end = Date.now() + Number(value('seconds')) * 1000;
    const tokens = new Set();
    let calls = 0;
    let failures = 0;
    let failure = '';
    while (Date.now() < end) {
        calls++;
        try {
            tokens.add((await credential()).access_token);
            // Now this side is the first to renew, and now the other.
            spread = Number(value('spread-ms', '0')) * (tokens.size % 2 === 0 ? 1 : -1);
        } catch (error) {
            failures++;
            failure = ` ${error.message}`;
        }
        await sleep(5);
    }
    say(`calls=${calls} failures=${failures} tokens=${tokens.size}${failure}`);
    return failures === 0 ? 0 : 1;
}

async function run() {
    if (command === 'hold-lock') {
        await acquire();
        say('ready');
        await heard();
        await unlink(lock);
        say('released');
        return 0;
    }
    say('ready');
    await heard();
    switch (command) {
        case 'read':
            say(`login ${JSON.stringify(await read())}`);
            return 0;
        case 'refresh-once':
            say(`token ${(await credential()).access_token}`);
            return 0;
        case 'hammer':
            return await hammer();
        default:
            say(`unknown command ${command}`);
            return 2;
    }
}

process.exit(await run());
