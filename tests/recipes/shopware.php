<?php
// Renders the storefront template in real Twig; `sw_extends`, config() and the page are stand-ins.
// Usage: php shopware.php FOLDER '{"route": "...", "page": {...}, "config": {...}}'
require '/usr/share/php/Twig/autoload.php';
$scene = json_decode( $argv[2] );
$file  = $argv[1] . '/src/Resources/views/storefront/layout/meta.html.twig';
$text  = preg_replace( '/\{% sw_extends .*? %\}/', "{% extends 'core' %}", file_get_contents( $file ), 1, $n );
if ( 1 !== $n ) { throw new Exception( 'the template extends nothing' ); }
$core  = '<!doctype html><html lang="en"><head><title>Shop</title>{% block layout_head_javascript_tracking %}<!--core-->{% endblock %}</head><body></body></html>';
$twig  = new \Twig\Environment( new \Twig\Loader\ArrayLoader( array( 'core' => $core, 'page' => $text ) ), array( 'strict_variables' => false, 'autoescape' => 'html' ) );
$twig->addFunction( new \Twig\TwigFunction( 'config', fn( $name ) => $scene->config->{ str_replace( 'RegularsSnippet.config.', '', $name ) } ?? null ) );
require $argv[1] . '/src/Twig/SignedIn.php';
$twig->addExtension( new \RegularsSnippet\Twig\SignedIn( $scene->secret ?? null ) );
class Bag { public function __construct( public $all ) {} public function get( $name ) { return $this->all->{ $name } ?? null; } }
$attributes = (object) array( '_route' => $scene->route, '_cspNonce' => $scene->nonce ?? null, '_httpCache' => $scene->cached ?? null, 'sw-sales-channel-absolute-base-url' => 'https://shop.example', 'sw-original-request-uri' => '/mug' );
$app = (object) array( 'request' => (object) array( 'attributes' => new Bag( $attributes ) ) );
echo $twig->render( 'page', array( 'app' => $app, 'page' => $scene->page ?? (object) array(), 'context' => (object) array( 'customer' => $scene->customer ?? null, 'currency' => (object) array( 'isoCode' => 'EUR' ) ) ) );
