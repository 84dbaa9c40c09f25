const NEWLINE = 0x0a;

/** `continued`: the bytes go on where the piece before was cut, because the line is longer than the bound. */
export interface Piece {
  readonly bytes: Buffer;
  readonly continued: boolean;
}

/**
 * Bytes in any cut → lines without their newline. What has no newline yet is carried over, at most `maxBytes` of it:
 * a longer line is cut into pieces, always at the same places (counted from its beginning, never inside a UTF-8
 * character), so reading it again gives the same pieces.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #rest: Buffer = Buffer.alloc(0);
  #continued = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *push(chunk: Uint8Array): Generator<Piece> {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let data = this.#rest.length === 0 ? view : Buffer.concat([this.#rest, view]);
    let from = this.#rest.length;
    for (;;) {
      const end = data.indexOf(NEWLINE, from);
      const length = end === -1 ? data.length : end;
      if (length > this.#maxBytes) {
        const cut = characterStart(data, this.#maxBytes);
        yield this.#piece(data.subarray(0, cut), true);
        data = data.subarray(cut);
        from = 0;
      } else if (end === -1) {
        // A copy: a view of a few bytes would keep the whole chunk alive.
        this.#rest = Buffer.from(data);
        return;
      } else {
        yield this.#piece(data.subarray(0, end), false);
        data = data.subarray(end + 1);
        from = 0;
      }
    }
  }

  /** The last line, where the bytes ended without a newline. */
  *flush(): Generator<Piece> {
    if (this.#rest.length > 0) yield this.#piece(this.#rest, false);
    this.#rest = Buffer.alloc(0);
  }

  #piece(bytes: Buffer, goesOn: boolean): Piece {
    const piece = { bytes, continued: this.#continued };
    this.#continued = goesOn;
    return piece;
  }
}

/** `at`, or up to three bytes before it, where a UTF-8 character starts. */
function characterStart(data: Buffer, at: number): number {
  for (let back = 0; back <= 3 && back < at; back++) {
    const byte = data[at - back];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return at - back;
  }
  return at;
}
