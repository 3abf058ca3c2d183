import { validate } from 'uuid';

export const isUuid = (value: unknown): value is string => validate(value);
