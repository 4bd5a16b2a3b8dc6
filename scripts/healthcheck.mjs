// Ends with 0 when the service in this container is alive. Used by the Dockerfile.
const answer = await fetch(`http://127.0.0.1:${process.env.PCE_HTTP_PORT || 8080}/healthz`).catch(() => null);
process.exitCode = answer?.ok ? 0 : 1;
