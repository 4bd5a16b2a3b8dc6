import { spawn } from 'node:child_process';
import { open, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** How long a fault lasts. [design] Long enough for several studies, short enough for many faults. */
const HOLD_MS = { from: 500, to: 3500 };
/** One stop in so many is longer than a lock on a job and two looks for lost ones: another machine takes its work. */
const LONG_STOP_ONE_IN = 4;
const LONG_STOP_MS = 46_000;
const CLOCK_JUMPS_SECONDS = [-86_400, -3600, -120, 120, 3600, 86_400];
const FSYNC_DELAY_US = 200_000;
const FSYNC_CALLS = 'fsync,fdatasync';

const holdMs = (random) => HOLD_MS.from + random.below(HOLD_MS.to - HOLD_MS.from);

/**
 * Kinds of fault by name: `needs` says whether they can be had here, `strike` does it and undoes it, and gives words on
 * what it was.
 */
export const FAULT_KINDS = {
  'kill -9': {
    needs: () => null,
    async strike(world, random) {
      const victim = random.pick(world.services);
      victim.signal('SIGKILL');
      await pause(50);
      return victim.name;
    },
  },
  'SIGSTOP, SIGCONT': {
    needs: () => null,
    async strike(world, random) {
      const victim = random.pick(world.services);
      const isShared = /^(detector|reporter)/.test(victim.name);
      const ms = isShared && random.oneIn(LONG_STOP_ONE_IN) ? LONG_STOP_MS : holdMs(random);
      victim.signal('SIGSTOP');
      await pause(ms);
      victim.signal('SIGCONT');
      return `${victim.name} for ${ms} ms`;
    },
  },
  'disk full': {
    needs: (world) => (world.hasDisk ? null : 'mounting a small file system is not allowed here'),
    async strike(world, random) {
      const ms = holdMs(random);
      const filler = join(world.folder, 'disk', 'filler');
      await fill(filler);
      await pause(ms);
      await rm(filler, { force: true });
      return `for ${ms} ms`;
    },
  },
  'slow disk': {
    needs: (world) => (world.hasStrace ? null : 'strace is not installed'),
    async strike(world, random) {
      return strace(world, random, `delay_exit=${FSYNC_DELAY_US}`, `${FSYNC_DELAY_US / 1000} ms for each fsync`);
    },
  },
  'fsync fails': {
    needs: (world) => (world.hasStrace ? null : 'strace is not installed'),
    async strike(world, random) {
      return strace(world, random, 'error=EIO', 'EIO from each fsync');
    },
  },
  'connections from senders reset': resets('senderProxy'),
  'connections to destination reset': resets('destinationProxy'),
  'connections to PostgreSQL reset': resets('databaseProxy'),
  'connections to Redis reset': resets('redisProxy'),
  'clock jump': {
    needs: (world) => (world.clockLibrary ? null : 'libfaketime is not installed'),
    async strike(world, random) {
      const victim = random.pick(world.services);
      const seconds = random.pick(CLOCK_JUMPS_SECONDS);
      // The library looks at the file once a second.
      const ms = holdMs(random) + 1000;
      const file = join(world.folder, `${victim.name}.clock`);
      await writeFile(file, `${seconds < 0 ? '' : '+'}${seconds}`);
      // What fails under a wrong clock is put off by it.
      const isCut = random.oneIn(2);
      const until = Date.now() + ms;
      while (Date.now() < until) {
        if (isCut) world.destinationProxy.reset();
        await pause(100);
      }
      await writeFile(file, '+0');
      return `${victim.name} by ${seconds} s for ${ms} ms${isCut ? ', destination out of reach' : ''}`;
    },
  },
  'destination restarted': {
    needs: () => null,
    async strike(world, random) {
      const signal = random.pick(['SIGTERM', 'SIGKILL']);
      const ms = holdMs(random);
      await world.destination.restart(signal, ms);
      return `${signal}, away for ${ms} ms`;
    },
  },
  'destination stopped': {
    needs: () => null,
    async strike(world, random) {
      const ms = holdMs(random);
      world.destination.signal('SIGSTOP');
      await pause(ms);
      world.destination.signal('SIGCONT');
      return `for ${ms} ms`;
    },
  },
  'Redis restarted, empty': {
    needs: needsMachines,
    async strike(world, random) {
      const ms = holdMs(random);
      await world.redis.kill();
      await pause(ms);
      await world.redis.restart();
      return `away for ${ms} ms`;
    },
  },
  'Redis flushed': {
    needs: needsMachines,
    async strike(world) {
      const socket = connect(Number(new URL(world.redis.url).port), '127.0.0.1');
      socket.end('FLUSHALL\r\n');
      await new Promise((resolve) => socket.once('close', resolve).resume());
      return '';
    },
  },
  'PostgreSQL restarted': {
    needs: needsMachines,
    async strike(world, random) {
      const ms = holdMs(random);
      await world.postgres.restart(() => pause(ms));
      return `away for ${ms} ms`;
    },
  },
};

function needsMachines(world) {
  return world.form === 'machines' ? null : 'only with many machines';
}

function resets(proxy) {
  return {
    needs: (world) => (world[proxy] ? null : 'only with many machines'),
    async strike(world, random) {
      let cut = 0;
      const until = Date.now() + holdMs(random);
      while (Date.now() < until) {
        cut += world[proxy].reset();
        await pause(20 + random.below(400));
      }
      return `${cut} connections`;
    },
  };
}

/** Writes until not one byte more fits. */
async function fill(path) {
  const file = await open(path, 'w');
  let size = 16 * 1024 * 1024;
  while (size >= 1) {
    try {
      const { bytesWritten } = await file.write(Buffer.alloc(size));
      if (bytesWritten === 0) size = Math.floor(size / 2);
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
      size = Math.floor(size / 2);
    }
  }
  await file.close();
}

/** Has every fsync of one process delayed or failed for a while. */
async function strace(world, random, injection, words) {
  const victim = random.pick(world.services);
  const ms = holdMs(random);
  const args = ['-f', '-o', '/dev/null', '-p', `${victim.pid}`, '-e', `trace=${FSYNC_CALLS}`];
  const tracer = spawn('strace', [...args, '-e', `inject=${FSYNC_CALLS}:${injection}`], { stdio: 'ignore' });
  const ended = new Promise((resolve) => tracer.once('exit', resolve));
  await pause(ms);
  tracer.kill('SIGINT');
  await ended;
  return `${victim.name}: ${words} for ${ms} ms`;
}
