/** An application that knows nothing of Headroom but its configuration file. */
package com.example.bookshop;
