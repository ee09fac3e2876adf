import { beforeEach, expect } from '@jest/globals';

// A test that comes to its end without having compared anything could not have failed.
beforeEach(() => expect.hasAssertions());
