<?php declare(strict_types=1);

namespace RegularsSnippet\Twig;

use Twig\Extension\AbstractExtension;
use Twig\TwigFunction;

/** regulars_token(id, key) proves to the hub who is signed in: for ten minutes, in one browser. */
class SignedIn extends AbstractExtension
{
    private string $secret;

    public function __construct(?string $secret)
    {
        $this->secret = trim((string) $secret);
    }

    public function getFunctions(): array
    {
        return [new TwigFunction('regulars_token', [$this, 'token'])];
    }

    /** "" where the shop has no secret. */
    public function token(string $customer, string $key): string
    {
        if ($this->secret === '' || $customer === '') {
            return '';
        }
        $claims = json_encode([
            'sub' => $customer,
            'aud' => $key,
            'exp' => time() + 600,
            'jti' => bin2hex(random_bytes(16)),
        ]);
        $text = $this->base64url('{"alg":"HS256","typ":"JWT"}') . '.' . $this->base64url((string) $claims);

        return $text . '.' . $this->base64url(hash_hmac('sha256', $text, $this->secret, true));
    }

    private function base64url(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
