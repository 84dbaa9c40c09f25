#!/usr/bin/env node
console.error("slipway: not built yet");
process.exit(1);
