<?php
/**
 * Put before every script by `mockserver run`: has PHP's streams ask the double, then requires what the application's
 * own settings put there.
 */

namespace MockServer;

require __DIR__ . '/proxied_streams.php';

/** Returns what `auto_prepend_file` would be without the double, which has the last word on it; perhaps nothing. */
function prepended_otherwise(): string
{
    $prepended = '';
    $scanned = \preg_split('{,\s*}', \trim((string) \php_ini_scanned_files()));
    foreach (\array_filter([\php_ini_loaded_file(), ...$scanned]) as $file) {
        $found = \parse_ini_file($file)['auto_prepend_file'] ?? $prepended;
        $prepended = $found === __FILE__ ? $prepended : $found;
    }
    return $prepended;
}

if (prepended_otherwise() !== '') {
    require prepended_otherwise();
}
