/** Tasks as tests write them: one container of busybox. */
export const BUSYBOX = "slipway.local/busybox:1";

export const shell = (script: string) => ({ image: BUSYBOX, command: ["sh", "-c", script] });

export const exits = (code: number) => shell(`exit ${code}`);

/** Goes on until it is ended, and then ends soon. */
export const endless = { ...shell("exec sleep 1000"), pod: { terminationGracePeriodSeconds: 1 } };
