<?php
// The documentation's example: its function and its call, with the address, the key and the webhook given.
[, $base, $key, $webhook] = $argv;

function httpPost($url, $data){
	$options = array(
		'http' => array(
			'header'  => "Content-type: application/x-www-form-urlencoded\r\n",
			'method'  => 'POST',
			'content' => http_build_query($data)
		)
	);
	$context  = stream_context_create($options);
	return file_get_contents($url, false, $context);
}

$returnedLink = httpPost(
	$base . '/invitation/create',
	array(
		'keywebsite' => $key,
		'email' => 'anna@example.com',
		'first_name' => 'Anna',
		'last_name' => 'Petit',
		'company_name' => 'Maison Demo',
		'days' => '0',
		'product' => '25:0001',
		'thematics' => '1000100,1000200,1000400',
		'url' => 'https://mon-site-web/ma-page-web',
		'recall_count' => '1',
		'webhook' => $webhook,
		'meta_order' => 'N° 17 & suite'
	)
);

echo 'link: <a href="'.$returnedLink.'">Click on me</a>';
