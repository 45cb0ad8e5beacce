<?php
/**
 * Has PHP's own http and https streams ask the double: file_get_contents(), fopen(), copy() and the like, whatever
 * context they are given. Put before every script by `mockserver run`; the environment says where the double is.
 */

namespace MockServer;

final class ProxiedStream
{
    private const SCHEMES = ['http', 'https'];

    /** @var resource|null set by PHP */
    public $context;

    /** @var resource|false */
    private $stream = false;

    public static function register(): void
    {
        foreach (self::SCHEMES as $scheme) {
            \stream_wrapper_unregister($scheme);
            \stream_wrapper_register($scheme, self::class, \STREAM_IS_URL);
        }
    }

    public function stream_open(string $url, string $mode, int $options, ?string &$opened): bool
    {
        \array_map('stream_wrapper_restore', self::SCHEMES);
        try {
            $this->stream = \fopen($url, $mode, false, $this->contextFor($url));
            $GLOBALS['http_response_header'] = $http_response_header ?? [];
        } finally {
            self::register();
        }
        return $this->stream !== false;
    }

    /** @return resource */
    private function contextFor(string $url)
    {
        $given = $this->context ? \stream_context_get_params($this->context) : [];
        $context = \stream_context_create($given['options'] ?? []);
        if (isset($given['notification'])) {
            \stream_context_set_params($context, ['notification' => $given['notification']]);
        }
        $host = \strtolower(\trim((string) \parse_url($url, \PHP_URL_HOST), '[]'));
        if (!self::needsNoProxy($host)) {
            $proxy = \str_replace('http://', 'tcp://', (string) \getenv('MOCKSERVER_URL'));
            \stream_context_set_option($context, 'http', 'proxy', $proxy);
            \stream_context_set_option($context, 'http', 'request_fulluri', \stripos($url, 'http:') === 0);
            \stream_context_set_option($context, 'ssl', 'cafile', (string) \getenv('SSL_CERT_FILE'));
        }
        return $context;
    }

    private static function needsNoProxy(string $host): bool
    {
        foreach (\explode(',', (string) \getenv('NO_PROXY')) as $name) {
            $name = \ltrim(\strtolower(\trim($name)), '*.');
            if ($name !== '' && ($host === $name || \substr($host, -\strlen($name) - 1) === ".$name")) {
                return true;
            }
        }
        return false;
    }

    /** @return string|false */
    public function stream_read(int $count)
    {
        return \fread($this->stream, $count);
    }

    public function stream_eof(): bool
    {
        return \feof($this->stream);
    }

    /** @return array<mixed>|false */
    public function stream_stat()
    {
        return \fstat($this->stream);
    }

    /** @return resource|false */
    public function stream_cast(int $purpose)
    {
        return $this->stream;
    }

    public function stream_set_option(int $option, int $first, ?int $second): bool
    {
        switch ($option) {
            case \STREAM_OPTION_BLOCKING:
                return \stream_set_blocking($this->stream, (bool) $first);
            case \STREAM_OPTION_READ_TIMEOUT:
                return \stream_set_timeout($this->stream, $first, (int) $second);
            default:
                return false;
        }
    }

    public function stream_close(): void
    {
        \fclose($this->stream);
    }
}

ProxiedStream::register();
