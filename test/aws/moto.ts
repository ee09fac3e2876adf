export { describeWithMoto } from '../moto/describe-with-moto.ts';
