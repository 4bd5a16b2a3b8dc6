#!/usr/bin/env node
import '../dist/pce.js';
