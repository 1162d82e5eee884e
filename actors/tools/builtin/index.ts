/** The first tools. */
