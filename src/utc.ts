/**
 * The first import of every program: what reads a time without an offset, or formats one, does so in UTC, whatever the host is set
 * to. A replay on another machine must end in the same rows.
 */
process.env['TZ'] = 'UTC';
