<?php
// Reads the answers of PHP's own streams in every way there is; prints what it finds as JSON.
[, $found, $missing] = $argv;
$told = [];

$stream = fopen($found, 'r');
$lines = stream_get_meta_data($stream)['wrapper_data'];
$told['first line'] = $lines[0];
$told['all lines are there'] = count($lines) === count([...$lines]) && (array) $lines === $http_response_header;
fclose($stream);

@file_get_contents($missing);
$told['status of a failure'] = $http_response_header[0];
$told['last error'] = error_get_last()['message'];
$told['there'] = file_exists($missing);

set_error_handler(function (int $type, string $message, string $file) use (&$told) {
	$told['heard'][] = "$message in " . basename($file);
	return true;
});
file_get_contents($missing);
fopen($missing, 'w');
trigger_error('another');
get_headers($found);
echo json_encode($told);
