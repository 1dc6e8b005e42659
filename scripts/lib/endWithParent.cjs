// Loaded into the backend: when the script that started it is gone (killed), the backend ends in order.
const starter = Number(process.env.MLOPS_STARTER_PID);
if (starter) {
  setInterval(() => {
    try {
      process.kill(starter, 0);
    } catch (error) {
      if (error.code === 'ESRCH') process.kill(process.pid, 'SIGTERM');
    }
  }, 1000).unref();
}
