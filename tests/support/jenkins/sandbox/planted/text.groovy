// staticMethod org.codehaus.groovy.runtime.DefaultGroovyMethods execute java.lang.String
'ls'.execute()
