/** What an account's bill is held against, down to the log. */
package io.counterfoil.sql.dispute;
