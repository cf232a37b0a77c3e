/** A sharded application, as a user of the starter would write it. */
package com.example.ledger;
