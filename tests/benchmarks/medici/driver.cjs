// `node driver.cjs URI DATABASE ACCOUNTS SNAPSHOT_SECONDS`: medici as a driver; ../drivers.py has what is said to it.
"use strict";

const readline = require("node:readline");
const { performance } = require("node:perf_hooks");
const mongoose = require("mongoose");
const { Book, initModels, mongoTransaction, syncIndexes } = require("medici");

const [uri, dbName] = process.argv.slice(2);
const [accounts, balanceSnapshotSec] = process.argv.slice(4).map(Number);
const FUNDED = 1e9;
const book = new Book("bench", { balanceSnapshotSec });

const below = (limit) => Math.floor(Math.random() * limit);

const PAIRS = {
  uniform: () => {
    const sender = below(accounts);
    return [sender, (sender + 1 + below(accounts - 1)) % accounts];
  },
  "all to one": () => [1 + below(accounts - 1), 0],
  "one to all": () => [0, 1 + below(accounts - 1)],
};

const account = (person) => `Accounts:${person}`;

async function fund() {
  const entry = book.entry("fund").debit("House", FUNDED * accounts);
  for (let person = 0; person < accounts; person++) entry.credit(account(person), FUNDED);
  await entry.commit();
}

// As medici's README has it under "ACID checks of an account balance".
function post(sender, recipient) {
  return mongoTransaction(async (session) => {
    await book.entry("sent").debit(account(sender), 1).credit(account(recipient), 1).commit({ session });
    const { balance } = await book.balance({ account: account(sender) }, { session });
    if (balance < 0) throw new Error("the balance does not suffice");
    await book.writelockAccounts([account(sender)], { session });
  });
}

async function measure(load) {
  const latencies = [];
  let done = 0;
  let failed = 0;
  const begun = performance.now();
  const end = begun + 1000 * load.seconds;
  let last = end;
  async function work() {
    for (let start = performance.now(); start < end; start = performance.now()) {
      try {
        await post(...PAIRS[load.pairs]());
      } catch (error) {
        if (!(error instanceof mongoose.mongo.MongoError)) throw error;
        failed++;
        continue;
      }
      const now = performance.now();
      latencies.push(now - start);
      if (now < end) {
        done++;
        last = now;
      }
    }
  }
  await Promise.all(Array.from({ length: load.at_once }, work));
  latencies.sort((a, b) => a - b);
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
  return { a_second: (1000 * done) / (last - begun), p50_ms: at(0.5), p99_ms: at(0.99), failed };
}

async function main() {
  await mongoose.connect(uri, { dbName, w: "majority", journal: true });
  await initModels();
  await syncIndexes();
  await fund();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await measure(JSON.parse(line))) + "\n");
  }
  await mongoose.disconnect();
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
