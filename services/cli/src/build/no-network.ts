import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

/**
 * A DAG that asks the network is another one tomorrow. Sockets and names of this process refuse; Node's permission model
 * has no word for it before Node 25. It keeps a program honest, it does not lock one in.
 */
export function withoutNetwork(): void {
  const refuse = (): never => {
    throw new Error("no network while a DAG is built");
  };
  globalThis.fetch = refuse;
  net.Socket.prototype.connect = refuse;
  net.Server.prototype.listen = refuse;
  dgram.createSocket = refuse;
  Object.assign(dns, { lookup: refuse, resolve: refuse, resolve4: refuse, resolve6: refuse });
  Object.assign(dns.promises, { lookup: refuse, resolve: refuse, resolve4: refuse, resolve6: refuse });
  syncBuiltinESMExports();
}
