<?php
// A shop's webhook: answers ok, and writes down what the robots said, one JSON object a line.
$said = $_GET;
if (isset($said['comment'])) { $said['decoded'] = base64_decode($said['comment']); }
file_put_contents(getenv('RECEIVED'), json_encode($said, JSON_UNESCAPED_UNICODE) . "\n", FILE_APPEND);
echo 'ok';
