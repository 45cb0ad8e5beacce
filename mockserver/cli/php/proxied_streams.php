<?php
/**
 * Has PHP's own http and https streams ask the double: file_get_contents(), fopen(), copy() and the like, whatever
 * context they are given. The environment says where it is.
 */

namespace MockServer;

/** Holds the lines of the answer's head, so that `wrapper_data` is read like the array it is without the double. */
final class ProxiedStream extends \ArrayObject
{
    private const SCHEMES = ['http', 'https'];
    private const OPENING_FAILED = '"' . self::class . '::stream_open" call failed';
    private const ONLY_GET_HEADERS = 512;

    /** @var resource|null set by PHP */
    public $context;

    /** @var resource|false */
    private $stream = false;

    /** @var string why the stream cannot be opened */
    private $reason = 'operation failed';

    /** @var string the reason of the last that could not */
    private static $told = '';

    /** @var callable|null whose turn it is to hear of that */
    private static $former;

    public static function register(): void
    {
        foreach (self::SCHEMES as $scheme) {
            \stream_wrapper_unregister($scheme);
            \stream_wrapper_register($scheme, self::class, \STREAM_IS_URL);
        }
    }

    public function stream_open(string $url, string $mode, int $options, ?string &$opened): bool
    {
        if ($options & self::ONLY_GET_HEADERS) {
            \trigger_error('get_headers() gives false under mockserver run', \E_USER_WARNING);
        }
        $variable = 'http_response_header'; // PHP 8.5 complains where it stands as a variable
        $$variable = null;
        \array_map('stream_wrapper_restore', self::SCHEMES);
        $this->keepReason();
        try {
            $this->stream = \fopen($url, $mode, false, $this->contextFor($url));
        } finally {
            \restore_error_handler();
            self::register();
        }
        if ($$variable) {
            $GLOBALS[$variable] = $$variable;
            $this->exchangeArray($$variable);
        }
        if ($this->stream === false) {
            $this->tellReason();
        }
        return $this->stream !== false;
    }

    /** Has the warning that a stream cannot be opened kept until PHP gives its own in the caller's name. */
    private function keepReason(): void
    {
        $former = \set_error_handler(function (int $type, string $message, ...$where) use (&$former) {
            $parts = \preg_split('{failed to open stream: }i', $message, 2);
            if (isset($parts[1])) {
                $this->reason = $parts[1];
                return true;
            }
            return $former ? $former($type, $message, ...$where) : false;
        });
    }

    /** Has PHP's next warning, which knows of this class only, say the reason that was kept. */
    private function tellReason(): void
    {
        self::$told = $this->reason;
        $former = \set_error_handler([self::class, 'tell']);
        if ($former === [self::class, 'tell']) {
            \restore_error_handler();
        } else {
            self::$former = $former;
        }
    }

    /** Stays where there was no other: PHP lets no handler take itself away then. */
    public static function tell(int $type, string $message, ...$where): bool
    {
        $true = \str_replace(self::OPENING_FAILED, self::$told, $message);
        if ($former = self::$former) {
            self::$former = null;
            \restore_error_handler();
            return $former($type, $true, ...$where) !== false;
        }
        return $true !== $message && \trigger_error($true, \E_USER_WARNING);
    }

    /** @return false as for every address that can only be read */
    public function url_stat(string $url, int $flags)
    {
        return false;
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
