<?php
// Runs the module's view model and template against stand-ins of the Magento classes that it names.
namespace Magento\Framework\View\Element\Block { interface ArgumentInterface {} }
namespace Magento\Framework\App\Config { interface ScopeConfigInterface { public function getValue( $path, $scope ); } }
namespace Magento\Store\Model {
	interface StoreManagerInterface { public function getStore(); }
	class ScopeInterface { const SCOPE_STORE = 'store'; }
}
namespace Stand {
	/** Answers getXyz() with the field xyz of the scene; an unknown one is a fault. */
	trait Fields {
		public function __construct( public $f ) {}
		public function __call( $name, $given ) {
			$key = lcfirst( substr( $name, 3 ) );
			if ( ! property_exists( $this->f, $key ) ) { throw new \Exception( "the stand-in has no $name()" ); }
			$value = $this->f->$key;
			if ( is_array( $value ) ) { return array_map( fn( $v ) => new Thing( $v ), $value ); }
			return is_object( $value ) ? new Thing( $value ) : $value;
		}
	}
	class Thing { use Fields; }
}
namespace Magento\Framework\App\Request { class Http { use \Stand\Fields; public function getParam( $name, $default ) { return $this->f->params->$name ?? $default; } } }
namespace Magento\Catalog\Helper { class Data { use \Stand\Fields; } }
namespace Magento\Customer\Model { class Session { use \Stand\Fields; public function isLoggedIn() { return isset( $this->f->customerId ); } } }
namespace Magento\Framework\View { interface LayoutInterface { public function isCacheable(); } }
namespace Magento\Framework\Encryption { interface EncryptorInterface { public function decrypt( $data ); } }
namespace Magento\Checkout\Model { class Session { use \Stand\Fields; } }
namespace {
	$scene = json_decode( $argv[2] );
	require $argv[1] . '/ViewModel/Page.php';
	class Config implements \Magento\Framework\App\Config\ScopeConfigInterface {
		public function getValue( $path, $scope ) { return $GLOBALS['scene']->config->{ basename( $path ) } ?? null; }
	}
	class Stores implements \Magento\Store\Model\StoreManagerInterface {
		public function getStore() { return new \Stand\Thing( (object) array( 'currentCurrencyCode' => 'EUR' ) ); }
	}
	class Layout implements \Magento\Framework\View\LayoutInterface {
		public function isCacheable() { return $GLOBALS['scene']->cacheable ?? true; }
	}
	class Encryptor implements \Magento\Framework\Encryption\EncryptorInterface {
		public function decrypt( $data ) { return strrev( $data ); }
	}
	class Renderer {
		public function renderTag( $name, $attributes, $text, $textIsPlain ) {
			$out = '';
			foreach ( $attributes as $key => $value ) { $out .= ' ' . $key . '="' . htmlspecialchars( $value, ENT_QUOTES ) . '"'; }
			return "<$name$out nonce=\"n1\">" . ( $textIsPlain ? htmlspecialchars( $text ) : $text ) . "</$name>\n";
		}
	}
	class Block { public function __construct( public $page ) {} public function getData( $name ) { return $this->$name; } }
	$request = (object) array( 'fullActionName' => $scene->action, 'params' => $scene->params ?? (object) array() );
	$block = new Block( new \Regulars\Snippet\ViewModel\Page(
		new Config(),
		new \Magento\Framework\App\Request\Http( $request ),
		new \Magento\Catalog\Helper\Data( $scene->catalog ?? (object) array() ),
		new Stores(),
		new \Magento\Checkout\Model\Session( $scene->session ?? (object) array() ),
		new \Magento\Customer\Model\Session( $scene->customer ?? (object) array() ),
		new Layout(),
		new Encryptor()
	) );
	$secureRenderer = new Renderer();
	include $argv[1] . '/view/frontend/templates/snippet.phtml';
}
