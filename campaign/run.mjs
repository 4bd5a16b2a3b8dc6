// Long campaigns that try to break the product: npm run campaign -- hostile --seed 1 --count 1000000
const CAMPAIGNS = {
  hostile: './hostile/campaign.mjs',
  'hostile-service': './hostile-service/campaign.mjs',
  faults: './faults/campaign.mjs',
};

const [name, ...options] = process.argv.slice(2);
if (!(name in CAMPAIGNS)) {
  console.error(`campaign: expected one of ${Object.keys(CAMPAIGNS).join(', ')}; received ${name ?? 'none'}`);
  process.exit(1);
}
const { run } = await import(CAMPAIGNS[name]);
process.exit(await run(options));
