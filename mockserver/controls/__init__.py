"""What a test holds, the same in process and over HTTP; `runtime` and `client` say how it is done."""
