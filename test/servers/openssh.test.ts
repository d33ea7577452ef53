import { testServers } from './test-servers.ts';

testServers('openssh');
