/** What bounds an input, so that no text makes reading slow or a run too heavy for Temporal (payload 2 MB, history 50 MB). */
export const LIMITS = {
  /** Bytes of UTF-8 of a DAG file. */
  fileBytes: 1_048_576,
  /** YAML documents (DAGs) of one file. */
  documents: 100,
  /** Levels of maps and lists. */
  depth: 64,
  /** Maps, lists and scalars of one document, aliases expanded. */
  nodes: 300_000,
  /** Characters of one document, aliases and expressions expanded. */
  characters: 4_194_304,
  /** Bytes of JSON of a compiled DAG. */
  compiledBytes: 1_048_576,
  /** Bytes of JSON of one task's spec, defaults merged in. */
  taskBytes: 65_536,
  /** What is run by the tests of scale: prepareRun holds its thread for a second or two at this size. */
  tasks: 10_000,
  /** Problems told at once; later ones often follow from the first. */
  problems: 20,
  /** Bytes of JSON of a param's schema, its default apart. */
  schemaBytes: 8_192,
  /** Characters of a `pattern` in a param's schema, and the same times the sum of its counts (`{0,61}`). */
  patternCharacters: 256,
  patternStates: 10_000,
  /** Characters that one run's params may give to patterns, all together. */
  matchedCharacters: 8_192,
  retries: 1_000,
  /** Attempts at once; Temporal allows 2,000 activities of a run. */
  parallelism: 1_000,
  /** Of one `forEach`: items, bytes of JSON of its lists, and of its keys together; characters of a key; names of a cross product. */
  items: 10_000,
  listBytes: 262_144,
  keyBytes: 131_072,
  keyCharacters: 200,
  listNames: 10,
  /** Runs of a DAG at once. */
  activeRuns: 1_000,
  /** Characters of the name of a mutex. */
  mutex: 200,
  /** Groups in groups. */
  groups: 8,
  /** Outputs of one task, and bytes of JSON of their values together; a whole log, or a line, that is one. */
  outputs: 100,
  /** Bytes of JSON of what a run's report has in the place of outputs if every task is skipped. */
  defaultBytes: 131_072,
  outputBytes: 262_144,
} as const;
