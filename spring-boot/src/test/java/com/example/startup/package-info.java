/** An application that is started to see how long that takes, with the starter and without. */
package com.example.startup;
