<?php
// Asks for every URL that it is given by PHP's own streams, with and without a context, and by curl where it is there.
$own = stream_context_create(['http' => ['method' => 'GET', 'ignore_errors' => true]]);
foreach (array_slice($argv, 1) as $url) {
	$answers = [file_get_contents($url, false, $own), stream_get_contents(fopen($url, 'r', false, $own))];
	preg_match('{ (\d+) }', $http_response_header[0], $status);
	if ($status[1] === '200') {
		$answers[] = file_get_contents($url);
	}
	if (function_exists('curl_init')) {
		$handle = curl_init($url);
		curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
		$answers[] = curl_exec($handle);
	}
	echo $status[1], ' ', implode('|', array_unique(array_map('trim', $answers))), "\n";
}
