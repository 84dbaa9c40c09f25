type End = () => Promise<void>;

/**
 * What `open` makes, with a `close` that ends what was opened on the way, the last first. Where opening fails, that is done at
 * once. One that cannot be ended keeps none of the others open.
 */
export async function opened<T extends object>(
  open: (onClose: (end: End) => void) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const ends: End[] = [];
  const close = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const end of ends.splice(0).reverse()) await end().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new Error("not everything was closed", { cause: errors[0] });
  };
  try {
    return { ...(await open((end) => ends.push(end))), close };
  } catch (error) {
    await close();
    throw error;
  }
}
