import { testServers } from './test-servers.ts';

testServers('git-daemon');
