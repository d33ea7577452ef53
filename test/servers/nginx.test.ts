import { testServers } from './test-servers.ts';

testServers('nginx');
