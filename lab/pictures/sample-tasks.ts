/** A task of the queue on the pictures, as `agentq add` takes it. */
export interface SampleTask {
  readonly project: string;
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly priority: number;
  readonly requires: readonly string[];
  readonly batch: string;
  readonly criteria: readonly string[];
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Each line is a task: what it requires, its priority and type, and what is to be done. */
const PLANS: Readonly<Record<string, readonly [batch: string, lines: string]>> = {
  checkout: [
    'one-page checkout',
    `
    1 | - | 9 backend | Keep the cart across sessions and devices
    2 | - | 9 backend | Reserve stock for fifteen minutes when checkout begins
    3 | 1 | 8 backend | Merge the guest cart at sign-in
    4 | 1 2 | 8 frontend | Checkout on one page: address, delivery, payment
    5 | 4 | 7 frontend | Address completion for the six countries that we ship to
    6 | 4 | 7 backend | Delivery dates from the warehouse calendar
    7 | 4 | 8 frontend | Apple Pay and Google Pay on the first screen
    8 | 7 | 7 testing | Replay last week's 40,000 orders against the new checkout
    9 | 3 | 6 backend | Keep a price for as long as the cart says so
    10 | - | 6 frontend | Say why a voucher is refused
    11 | 5 6 7 | 8 frontend | Show the total with tax before the last step
    12 | 11 8 | 9 rollout | Send 5 % of the traffic to the new checkout
    13 | 12 | 9 rollout | Send all of the traffic to the new checkout
    14 | 13 | 5 cleanup | Remove the four-step checkout and its 61 templates
    15 | - | 4 backend | Delete abandoned carts after 90 days
    16 | - | 5 testing | Contract tests between checkout and the order service
    17 | - | 3 docs | Describe the states of an order
    18 | 10 | 4 frontend | Two vouchers in one cart
    19 | 4 | 6 accessibility | Complete an order with the keyboard alone
    20 | 19 | 5 accessibility | Announce errors of the form to screen readers`,
  ],
  payments: [
    'idempotent payments',
    `
    1 | - | 9 backend | Idempotency keys for every call that moves money
    2 | 1 | 9 backend | Retry a capture only with the key of its first try
    3 | - | 8 backend | One ledger entry for each state of a payment
    4 | 3 | 8 backend | Refunds in part, and in another currency
    5 | 2 3 | 9 backend | Reconcile the ledger with the bank's file every night
    6 | 5 | 7 ops | Alert when the ledger and the bank differ by a cent
    7 | - | 7 security | Rotate the keys of the webhook signatures
    8 | 7 | 7 backend | Accept a webhook twice and book it once
    9 | 2 | 7 backend | 3-D Secure for cards that ask for it late
    10 | 9 | 6 testing | Simulate a bank that answers after two minutes
    11 | 5 | 8 migration | Move 2.1 million payments to the new ledger
    12 | 11 | 8 migration | Compare both ledgers for a week
    13 | 12 | 7 cleanup | Drop the old payments tables
    14 | - | 5 backend | SEPA direct debit for subscriptions
    15 | 14 | 5 backend | Tell customers of a debit two days before it
    16 | - | 4 docs | What support may refund, and how
    17 | 4 | 6 backend | Round refunds as the invoice was rounded
    18 | - | 6 security | Keep card numbers out of every log line
    19 | 18 | 5 testing | Search a day of logs for card numbers
    20 | 8 | 4 backend | Dead letters of webhooks, with a button to replay them`,
  ],
  search: [
    'search that forgives',
    `
    1 | - | 8 backend | Build the index next to the old one, then swap them
    2 | 1 | 8 backend | Rebuild only what changed since the last index
    3 | 1 | 7 backend | Forgive one typo in short words and two in long ones
    4 | 3 | 6 backend | Synonyms from what people typed next
    5 | - | 7 frontend | Suggestions below 80 ms, also on a slow phone
    6 | 5 | 5 frontend | Suggestions with pictures
    7 | 2 | 7 backend | Rank what is in stock first
    8 | 7 | 6 data | Learn weights from a month of clicks
    9 | 8 | 6 testing | Compare two rankings with 500 judged queries
    10 | - | 5 backend | Facets that never lead to nothing
    11 | 10 | 4 frontend | Keep facets in the address of the page
    12 | 3 | 5 backend | Compound words in German and Dutch
    13 | 9 | 7 rollout | Put the new ranking in front of one in ten
    14 | - | 3 docs | Why a product is where it is: a page for the shop's staff
    15 | 2 | 6 ops | Rebuild the index within the night, or say so at six
    16 | 12 | 4 testing | 2,000 German queries that must find something`,
  ],
  mobile: [
    'offline first',
    `
    1 | - | 8 mobile | Keep the last 50 products for when there is no network
    2 | 1 | 8 mobile | A queue of what was done offline, sent when it can be
    3 | 2 | 7 mobile | Two devices changed one list: merge, do not ask
    4 | - | 7 mobile | Sign in with a passkey
    5 | 4 | 6 mobile | Move old sessions to passkeys without a new sign-in
    6 | - | 6 mobile | Start within a second on a five-year-old phone
    7 | 6 | 5 mobile | Load the catalogue's pictures by the size of the screen
    8 | - | 5 mobile | Push messages that lead to the page they are about
    9 | 8 | 4 mobile | Let people say which messages they want
    10 | 2 | 6 testing | Lose the network at every step of an order
    11 | 3 10 | 7 rollout | Offline mode for testers
    12 | - | 5 accessibility | Text at 200 % without cut words
    13 | 12 | 4 accessibility | Every icon has a name
    14 | 6 | 5 ops | Crash reports with the commit they came from
    15 | 11 | 6 rollout | Offline mode for everybody
    16 | - | 3 mobile | Dark mode that follows the system`,
  ],
  platform: [
    'a cluster that heals',
    `
    1 | - | 8 ops | Move the build machines to the new cluster
    2 | 1 | 7 ops | Cache dependencies by lock file, not by day
    3 | 1 | 8 ops | Canary: stop a release when errors double
    4 | 3 | 6 ops | Roll back by one button, and by one commit
    5 | - | 7 security | Short-lived tokens in place of 31 secrets
    6 | 5 | 7 security | Remove the secrets from the history
    7 | - | 6 ops | Restore yesterday's backup every morning
    8 | 7 | 5 ops | Say how long a restore took, on a chart
    9 | 2 | 5 testing | Find the ten tests that fail by chance
    10 | 9 | 5 testing | Mend the ten tests that fail by chance
    11 | - | 4 ops | Delete previews of merged branches
    12 | 4 | 6 rollout | All services behind the canary
    13 | - | 5 ops | Rate limits for each tenant
    14 | 13 | 4 docs | Tell tenants what their limits are`,
  ],
  loyalty: [
    'points and tiers',
    `
    1 | - | 8 backend | Book points when an order is delivered
    2 | - | 7 backend | Tiers from the orders of twelve months
    3 | 1 | 8 backend | Take points back when an order is returned
    4 | 1 2 | 7 frontend | Show points and tier on the account page
    5 | 3 | 8 backend | Pay with points at the checkout
    6 | 5 | 7 frontend | A slider for points in the last step
    7 | 5 | 7 testing | Replay a month of returns against the points
    8 | 6 7 | 8 rollout | Points for the 4,000 members of the old club
    9 | 8 | 8 rollout | Points for everybody
    10 | 2 4 | 5 mail | Tell people what is missing to the next tier
    11 | - | 6 legal | Points in the terms, in six languages
    12 | 9 | 4 cleanup | Close the old club and its spreadsheet
    13 | - | 5 data | Forecast what the points will cost
    14 | 11 | 4 docs | What support may do about missing points`,
  ],
  accounts: [
    'one account',
    `
    1 | - | 7 backend | One account for the shop, the app and the club
    2 | 1 | 7 backend | Merge two accounts of one person
    3 | - | 6 security | Tell people of a sign-in on a new device
    4 | - | 6 frontend | Change the mail address in two steps
    5 | - | 5 backend | Export what we know of a person
    6 | 5 | 6 backend | Forget a person within 30 days
    7 | - | 5 frontend | A page for all devices that are signed in
    8 | - | 5 security | Refuse passwords that are on the known lists
    9 | 2 | 6 rollout | One account for one in ten
    10 | - | 4 docs | What an account is, for the people at the counter
    11 | - | 4 testing | Sign in 200 times a second for an hour
    12 | - | 3 cleanup | Delete accounts that never bought anything`,
  ],
};

const SUMMARIES: Readonly<Record<string, string>> = {
  testing: 'The test must fail without the change that it is about.',
  rollout: 'Behind the flag. Watch errors and conversion for an hour before the next step.',
  docs: 'One page, for people who do not read code.',
  migration: 'In steps that can be repeated, and without a lock on the table.',
};

/** All tasks, those of a project in the order of their numbers. */
export const SAMPLE_TASKS: readonly SampleTask[] = Object.entries(PLANS).flatMap(([project, [batch, lines]]) =>
  lines
    .trim()
    .split('\n')
    .map((line) => sampleTask(project, batch, line)),
);

export const SAMPLE_PROJECTS: readonly string[] = Object.keys(PLANS);

function sampleTask(project: string, batch: string, line: string): SampleTask {
  const [number = '', required = '', kind = '', title = ''] = line.split('|').map((part) => part.trim());
  const [priority = '0', type = ''] = kind.split(' ');
  const idOf = (of: string): string => `TASK-${of.padStart(3, '0')}`;
  return {
    project,
    id: idOf(number),
    title,
    type,
    priority: Number(priority),
    requires: required === '-' ? [] : required.split(' ').map(idOf),
    batch,
    criteria: ['It works as the title says, and a test shows it', 'The tests of the whole project pass'],
    summary: SUMMARIES[type] ?? `${title}, as the plan for "${batch}" says.`,
    labels: { area: type, size: Number(priority) > 7 ? 'large' : Number(priority) > 4 ? 'medium' : 'small' },
  };
}
