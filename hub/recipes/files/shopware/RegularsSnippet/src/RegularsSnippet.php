<?php declare(strict_types=1);

namespace RegularsSnippet;

use Shopware\Core\Framework\Plugin;

/** Everything is in the templates, the settings and the cookie dialogue. */
class RegularsSnippet extends Plugin
{
}
