import chalk from 'chalk';

// Frames are tested at a known colour depth, whatever terminal the tests run in.
chalk.level = 3;
