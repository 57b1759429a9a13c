/** A bundle of its own, loaded when one of these is asked for the first time. */
export { createClusterSource } from './clusterSource';
export { createKuboSource } from './kuboSource';
export { createPinningServiceSource } from './pinningServiceSource';
