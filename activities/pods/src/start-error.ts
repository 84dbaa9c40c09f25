const MAX_SENTENCE = 300;

/** runc's and containerd's words → a sentence. The first that fits; each names the place it comes from. */
const SENTENCES: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  // Go's os/exec, through runc: exec: "python": executable file not found in $PATH
  [/exec: "([^"]*)": executable file not found in \$PATH/, ([, name]) => `${name}: executable not found in the image`],
  // exec: "/app/run": stat /app/run: no such file or directory
  [
    /exec: "([^"]*)":(?: stat [^:]*:)? no such file or directory/,
    ([, name]) => `${name}: no such file in the image (or its #! line names none)`,
  ],
  [/exec: "([^"]*)":(?: stat [^:]*:)? permission denied/, ([, name]) => `${name}: not executable (permission denied)`],
  [/exec: "([^"]*)":(?: stat [^:]*:)? is a directory/, ([, name]) => `${name}: a directory, so it cannot be executed`],
  // exec /app/run: no such file or directory | exec format error | permission denied
  [
    /exec (\/[^:]*): exec format error/,
    ([, name]) => `${name}: built for another processor, or a script without a #! line`,
  ],
  [
    /exec (\/[^:]*): no such file or directory/,
    ([, name]) => `${name}: no such file in the image (or its #! line names none)`,
  ],
  [/exec (\/[^:]*): permission denied/, ([, name]) => `${name}: not executable (permission denied)`],
  [/chdir to cwd \("([^"]*)"\)[^:]*failed: ([^:]+)/, ([, dir, why]) => `working directory ${dir}: ${why}`],
  [/unable to find user ([^:\s]+)/, ([, user]) => `user ${user}: not in the image's /etc/passwd`],
  [/no command specified|no command or entrypoint/i, () => "the image has no command, and the task gives none"],
];

/** Why a container could not be started, in one sentence: `python: executable not found in the image`. */
export function explainStartError(message: string): string {
  for (const [pattern, sentence] of SENTENCES) {
    const match = pattern.exec(message);
    if (match !== null) return sentence(match);
  }
  return `the container could not be started: ${innermost(message)}`;
}

/** The layers each put their name before the cause: the last ones say most. */
function innermost(message: string): string {
  const cause = message.split("runc create failed: ").at(-1) ?? message;
  const plain = cause
    .replace(/: unknown$/, "")
    .replace(/unable to start container process: (error during container init: )?/, "");
  return plain.trim().slice(0, MAX_SENTENCE) || "the runtime gave no reason";
}
