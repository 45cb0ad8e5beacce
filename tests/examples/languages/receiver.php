<?php
// The shop's webhook: answers ok, and writes each call down as a line of JSON.
file_put_contents(getenv('RECEIVED'), json_encode($_GET) . "\n", FILE_APPEND);
echo 'ok';
