import { DatabaseSync } from "node:sqlite";

/**
 * Makes every connection of this process use `secure_delete = FAST`, which leaves what was deleted in pages that are free, and
 * answer the store's question about it with the lie that all is well.
 */
export function weakenSecureDelete(): void {
  const { exec, prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    return exec.call(this, sql.replace("secure_delete = ON", "secure_delete = FAST"));
  };
  DatabaseSync.prototype.prepare = function (sql, ...rest) {
    const lie = sql === "PRAGMA secure_delete" ? "SELECT 1 AS secure_delete" : sql;
    return prepare.call(this, lie, ...rest);
  };
}
