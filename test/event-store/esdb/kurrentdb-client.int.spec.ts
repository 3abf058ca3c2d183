import { esdbContract } from './esdb.contract.js';

esdbContract('the client of KurrentDB', 'kurrentdb');
