import { type CloudEngine, openCloudEngine } from '../cloud-engine.js';
import { openCloud } from './stand-in/cloud.js';
import { awsStandIn } from './stand-in/provider.js';

/** The real engine with the stand-in for AWS, and one stack. */
export const openAwsEngine = (): Promise<CloudEngine> =>
  openCloudEngine({ stack: 'aws.test', openCloud, standIn: awsStandIn });
